/** Nothing to set. */
module.exports = {};
