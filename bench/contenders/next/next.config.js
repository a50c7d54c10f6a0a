const path = require('node:path');

/** Replaces the app's own. The packages are the app's. */
module.exports = { turbopack: { root: path.join(__dirname, '../../..') } };
