const path = require('node:path');

/** In place of the app's own. The packages are the app's. */
module.exports = { turbopack: { root: path.join(__dirname, '../../..') } };
