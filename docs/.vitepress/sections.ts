/** The pages of the site, in the order of its sidebar; a test looks whether all are there. */
export const sections: Readonly<Record<string, readonly string[]>> = {
  Tutorial: ['README.md', 'docs/your-shop.md', 'docs/first-model.md'],
  'How to': [
    'docs/schedule.md',
    'docs/watch.md',
    'docs/connect.md',
    'docs/exports.md',
    'docs/library.md',
    'docs/assistants.md',
    'docs/project.md',
    'docs/operate.md',
    'docs/troubleshooting.md',
  ],
  Spark: [
    'docs/spark.md',
    'docs/scale.md',
    'docs/spark/yarn.md',
    'docs/spark/kubernetes.md',
    'docs/spark/databricks.md',
    'docs/spark/emr.md',
    'docs/spark/dataproc.md',
  ],
  Reference: [
    'docs/commands.md',
    'docs/options.md',
    'docs/configuration.md',
    'docs/data-dictionary.md',
    'docs/dashboard.md',
    'docs/run.schema.json',
    'dist/lingot.config.schema.json',
    'docs/supported.md',
  ],
  Explanation: [
    'docs/numbers.md',
    'docs/trust.md',
    'docs/why.md',
    'docs/history.md',
    'docs/privacy.md',
    'docs/reliability.md',
    'docs/performance.md',
    'docs/benchmarks.md',
  ],
  Project: ['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/dependencies.md'],
}

export const sectionsInFrench: Readonly<Record<string, readonly string[]>> = {
  Tutoriel: ['README.fr.md', 'docs/fr/your-shop.md', 'docs/fr/first-model.md'],
}
