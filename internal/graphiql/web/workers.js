// Monaco asks for its workers by language. WORKERS (label to hashed file name) is put in by build.mjs.
globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const file = WORKERS[label] ?? WORKERS.editor;
    return new Worker(new URL(`./${file}`, import.meta.url), { type: 'module', name: label });
  },
};
