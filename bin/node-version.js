// Refuses a Node that is too old, before anything is loaded that it could not read.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Lingot needs Node 20.19 or newer; this is ${process.versions.node}.\n→ Install a newer one from https://nodejs.org.`,
  )
  process.exit(3)
}
