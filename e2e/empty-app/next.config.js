/** Replaces the app's own. */
module.exports = {};
