/** No settings needed. */
module.exports = {};
