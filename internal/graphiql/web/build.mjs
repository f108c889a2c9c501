// Builds ../dist from this folder and node_modules: `npm ci && npm run build`. The same lock file gives the same bytes.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build, transform } from 'esbuild';

const dist = '../dist';
const assets = `${dist}/assets`;

const options = {
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
  outdir: assets,
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  legalComments: 'none', // all of them are in LICENSES.txt
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.svg': 'copy' },
  alias: {
    'prettier/parser-babel': './json-prettier.js',
    'prettier/parser-graphql': 'prettier/plugins/graphql', // the same in another module format
    'prettier/plugins/estree': './json-prettier.js',
  },
  logLevel: 'warning',
  metafile: true,
};

// GraphiQL's style sheet contains Monaco's already, and three fonts as data: URLs. Monaco's own style sheets are left
// out. Of the fonts, the icons and Fira Code become files, so that the policy need not allow data: fonts; Roboto goes, as
// the system's font has Chinese too.
const styles = {
  name: 'styles',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /[\\/]monaco-editor[\\/].*\.css$/ }, () => ({ contents: '', loader: 'empty' }));
    onLoad({ filter: /[\\/]graphiql[\\/]dist[\\/]style\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/@font-face\s*\{\s*font-family: Roboto;[^}]*\}/g, ''),
      loader: 'css',
    }));
    onResolve({ filter: /^data:font\// }, ({ path }) => {
      const [, type, data] = path.match(/^data:font\/(\w+);[^,]*,(.*)$/s);
      const content = Buffer.from(data, 'base64');
      const name = `font-${digest(content).slice(0, 8).toUpperCase()}.${type}`;
      writeFileSync(join(assets, name), content);
      return { path: `./${name}`, external: true };
    });
  },
};

// GraphiQL titles its icons, for those who do not see them, by the names of their functions: these stay.
const icons = {
  name: 'icons',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@graphiql[\\/]react[\\/]dist[\\/]icons[\\/].*\.js$/ }, async ({ path }) => ({
      contents: (await transform(readFileSync(path, 'utf8'), { keepNames: true })).code,
    }));
  },
};

function digest(content) {
  return createHash('sha256').update(content).digest('hex');
}

// Entry point's base name without extension -> name of the file written for it.
function written(result) {
  const names = {};
  for (const [path, output] of Object.entries(result.metafile.outputs)) {
    if (!output.entryPoint) continue;
    const entry = basename(output.entryPoint).replace(/\.(jsx?|svg)$/, '');
    names[entry] = { js: basename(path), css: output.cssBundle && basename(output.cssBundle) };
  }
  return names;
}

function packageOf(input) {
  const at = input.lastIndexOf('node_modules/');
  if (at < 0) return null;
  const parts = input.slice(at + 'node_modules/'.length).split('/');
  return input.slice(0, at) + 'node_modules/' + parts.slice(0, parts[0].startsWith('@') ? 2 : 1).join('/');
}

// Packages published without their licence text -> a package of the same authors and licence that has it.
const sameAuthors = {
  '@graphiql/plugin-doc-explorer': 'graphiql',
  '@graphiql/plugin-history': 'graphiql',
  'react-compiler-runtime': 'react',
  'react-remove-scroll-bar': 'react-remove-scroll',
};

function licenceTexts(dir) {
  return readdirSync(dir)
    .filter((file) => /^(licen[cs]e|copying|notice|thirdpartynotices)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(dir, file), 'utf8').replaceAll('\r\n', '\n').trim());
}

function licences(results) {
  const dirs = new Set(['node_modules/@fontsource/fira-code', 'node_modules/@vscode/codicons']); // of the fonts
  for (const { metafile } of results) {
    for (const input of Object.keys(metafile.inputs)) {
      const dir = packageOf(input);
      if (dir) dirs.add(dir);
    }
  }
  const sections = [...dirs].sort().map((dir) => {
    const { name, version, license } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    let texts = licenceTexts(dir);
    if (texts.length === 0 && sameAuthors[name]) texts = licenceTexts(join('node_modules', sameAuthors[name]));
    if (texts.length === 0) throw new Error(`no licence text for ${name} (add it to sameAuthors in build.mjs)`);
    return `${'='.repeat(80)}\n${name} ${version} (${license})\n${'='.repeat(80)}\n\n${texts.join('\n\n')}\n`;
  });
  return `Third-party software in this folder, with its licences. Written by build.mjs.\n\n${sections.join('\n')}`;
}

// What the bundle was made of, so that a test sees without Node that it is up to date.
function sources() {
  return readdirSync('.', { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.npmrc')
    .map((entry) => entry.name)
    .sort()
    .map((file) => `${digest(readFileSync(file))}  ${file}\n`)
    .join('');
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(assets, { recursive: true });

const workers = await build({
  ...options,
  entryPoints: {
    editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
    graphql: 'monaco-graphql/esm/graphql.worker.js',
    json: 'monaco-editor/esm/vs/language/json/json.worker.js',
  },
  entryNames: '[name]-worker-[hash]',
});
const names = {};
for (const path of Object.keys(workers.metafile.outputs)) {
  const label = basename(path).match(/^(\w+)-worker-/)?.[1];
  if (label) names[label] = basename(path);
}

const page = await build({
  ...options,
  entryPoints: ['main.jsx', 'bell.svg'],
  define: { ...options.define, WORKERS: JSON.stringify(names) },
  plugins: [icons, styles],
});
const { main } = written(page);
const bell = Object.keys(page.metafile.outputs).map((path) => basename(path)).find((file) => /^bell-.*\.svg$/.test(file));

const html = readFileSync('index.html', 'utf8').replace(/%([\w.]+)%/g, (_, name) => {
  const file = { 'bell.svg': bell, 'main.css': main.css, 'main.js': main.js }[name];
  if (!file) throw new Error(`index.html asks for ${name}, which the build did not write`);
  return `graphiql/${file}`;
});
writeFileSync(`${dist}/index.html`, html);
writeFileSync(`${dist}/LICENSES.txt`, licences([workers, page]));
writeFileSync(`${dist}/sources.sha256`, sources());
