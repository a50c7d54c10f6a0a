/** In place of the app's own. */
module.exports = {};
