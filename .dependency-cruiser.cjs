// The rooms of src/, top to bottom: a room may import only from rooms listed for it here
// (docs/architecture.md says why). `npm run layers` fails the build on any other arrow.
const allowed = {
  core: [],
  slide: ['core'],
  annotation: ['core'],
  model: ['core', 'slide'],
  analysis: ['core', 'slide', 'model'],
  molecular: ['core', 'slide', 'model', 'analysis'],
  audit: ['core', 'slide', 'model', 'analysis', 'molecular'],
  store: ['core', 'slide', 'annotation', 'model', 'analysis', 'molecular', 'audit'],
  engine: ['core', 'slide', 'model', 'analysis', 'molecular', 'audit', 'store'],
  overlay: ['core', 'slide'],
  viewer: ['core', 'slide'],
};
const workerRooms = 'core|slide|annotation|model|analysis|molecular|audit|store';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan-rooms',
      comment: 'src/ holds rooms only, so that a newcomer finds each thing by its room',
      severity: 'error',
      from: { path: `^src/(?!(${Object.keys(allowed).join('|')}|app)/)` },
      to: { path: '.' },
    },
    ...Object.entries(allowed).map(([room, below]) => ({
      name: `${room}-imports-only-from-above`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${[room, ...below].join('|')})/` },
    })),
    {
      name: 'no-react-in-worker-rooms',
      severity: 'error',
      from: { path: `^src/(${workerRooms}|overlay|viewer)/` },
      to: { path: 'node_modules/(react|react-dom|zustand|react-aria-components|lucide-react)/' },
    },
    {
      name: 'nothing-imports-app',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/app/' },
      to: { path: '^src/app/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
    },
  },
};
