/* Dynamic import, in a file of its own: a Node that does not know the syntax fails to load this file alone. */
'use strict';

module.exports = function (url) {
  return import(url);
};
