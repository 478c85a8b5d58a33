import { type Cluster, runningCluster, startCluster, stopCluster } from '../servers/spark/cluster.ts'
import { findJava, installSpark, locateSpark, type Spark, versionOf } from '../servers/spark/installation.ts'
import { loadPlaces } from '../settings/config.ts'
import { calledAs } from '../system/invocation.ts'
import { counted, describeSteps, inJson, openTerminal, readable, style, table } from '../text/terminal.ts'
import { interruptible } from './interruption.ts'

/** `lingot spark setup`: a Spark cluster on this machine, to try the engine on. */
export async function sparkSetupCommand({ json = false }: { json?: boolean }): Promise<void> {
  const { home } = await loadPlaces()
  const terminal = await openTerminal({ json })
  try {
    await interruptible(async (signal) => {
      await findJava()
      const spark = locateSpark({ home }) ?? (await installSpark(home, terminal.say, signal))
      const before = await runningCluster(home)
      const cluster = await startCluster({ spark, home, say: terminal.say, signal })
      const startedNow = cluster.masterPid !== before?.masterPid
      if (json) {
        terminal.print(inJson({ version: versionOf(spark) ?? null, ...spark, ...cluster, startedNow }, 2))
        return
      }
      terminal.print(`${describeCluster(spark, cluster, startedNow)}\n`)
      terminal.print(
        [
          style('bold', 'Next'),
          ...describeSteps([
            [`${calledAs()} run --engine spark`, 'bronze to gold on it'],
            [`${calledAs()} spark down`, 'end it; Spark stays installed'],
            [cluster.masterUi, 'its page in a browser'],
          ]),
        ].join('\n'),
      )
    })
  } finally {
    terminal.quiet()
  }
}

/** `lingot spark down`: ends the cluster that Lingot started. */
export async function sparkDownCommand({ json = false }: { json?: boolean }): Promise<void> {
  const { home } = await loadPlaces()
  const terminal = await openTerminal({ json })
  const { masters, workers } = await interruptible(() => stopCluster(home, terminal.say))
  terminal.quiet()
  if (json) terminal.print(inJson({ masters, workers }, 2))
  else if (masters + workers === 0) terminal.print('No Spark of Lingot is running here.')
  else {
    const ended = [...(masters > 0 ? ['the master'] : []), ...(workers > 0 ? [counted(workers, 'worker')] : [])]
    terminal.print(`Stopped ${ended.join(' and ')} of Spark. It stays installed for the next start.`)
  }
}

const origins = {
  SPARK_HOME: 'set by SPARK_HOME',
  PATH: 'found on PATH',
  lingot: "Lingot's own",
}

/** What runs where, a line each. */
function describeCluster(spark: Spark, cluster: Cluster, startedNow: boolean): string {
  const state = startedNow ? 'started now' : 'running'
  const rows = [
    [`Spark ${versionOf(spark) ?? ''}`.trim(), spark.home ?? spark.sparkSql, origins[spark.origin]],
    ['Master', cluster.master, state],
    ...cluster.workers.map(({ ui, cores, memoryMb }) => [
      'Worker',
      ui,
      `${counted(cores, 'core')}, ${readable(memoryMb)} MB`,
    ]),
  ]
  const columns = ['', '', ''].map((title) => ({ title, isNumber: false, widest: Number.POSITIVE_INFINITY }))
  const [, ...lines] = table(columns, rows).split('\n')
  return [style('bold', 'Spark cluster'), ...lines].join('\n')
}
