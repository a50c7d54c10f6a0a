const path = require('node:path');

/** Replaces the app's own. */
module.exports = { turbopack: { root: path.join(__dirname, '../../..') } };
