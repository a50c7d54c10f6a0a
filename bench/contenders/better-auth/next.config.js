const path = require('node:path');

/** In place of the app's own. */
module.exports = { turbopack: { root: path.join(__dirname, '../../..') } };
