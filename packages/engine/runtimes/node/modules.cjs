/*
 * Where modules are found beside a function's own: in layers, and among those that Lambda supplies. `require` finds them
 * by NODE_PATH; `import` knows no such path, and is led there. A module of the SDK that the function names only as it
 * runs is asked of the engine, which fetches it.
 */
'use strict';

var Module = require('module');
var path = require('path');

var SUPPLIED = /^(aws-sdk|@(?:aws-sdk|smithy|aws-crypto)\/[\w.-]+)(?:\/|$)/;
/** Neither a path nor a URL. */
var BARE = /^(@[^/:]+\/)?[^./:@][^:]*$/;

/** `ask(name)` returns the directory in which the engine has put a package, or undefined. */
function askForMissing(ask) {
  var resolve = Module._resolveFilename;
  var asked = {};
  Module._resolveFilename = function (request) {
    try {
      return resolve.apply(this, arguments);
    } catch (error) {
      var name = error && error.code === 'MODULE_NOT_FOUND' && (SUPPLIED.exec(request) || [])[1];
      if (!name) throw error;
      if (!Object.prototype.hasOwnProperty.call(asked, name)) asked[name] = ask(name);
      var found = asked[name] && Module._findPath(request, [asked[name]]);
      if (!found) throw error;
      return found;
    }
  };
}

/** A file beside a directory named `node_modules`: what it imports is found there. */
function neighbourOf(directory) {
  return require('url').pathToFileURL(path.join(directory, '..', 'index.js')).href;
}

function leadImports(directories) {
  if (!Module.registerHooks && !Module.register) return;
  var neighbours = directories.map(neighbourOf);
  if (!Module.registerHooks) {
    // The hooks of earlier versions run in a thread of their own.
    if (Module.register)
      Module.register(require('url').pathToFileURL(path.join(__dirname, 'import-hooks.mjs')), { data: neighbours });
    return;
  }
  Module.registerHooks({
    resolve: function (specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (error.code !== 'ERR_MODULE_NOT_FOUND' || !BARE.test(specifier)) throw error;
        for (var index = 0; index < neighbours.length; index++) {
          try {
            return next(specifier, Object.assign({}, context, { parentURL: neighbours[index] }));
          } catch (_) {
            continue;
          }
        }
        throw error;
      }
    },
  });
}

/** The code lies among other files of this machine, whose modules are none of its own. */
function keepInside(root) {
  var nodeModulePaths = Module._nodeModulePaths;
  Module._nodeModulePaths = function (from) {
    var paths = nodeModulePaths.call(this, from);
    if (from !== root && from.indexOf(root + path.sep) !== 0) return paths;
    return paths.filter(function (place) {
      return place.indexOf(root + path.sep) === 0;
    });
  };
}

/** `root` is the directory of the code, `directories` are those of other modules. */
function watch(root, directories, ask) {
  if (directories.length > 0) leadImports(directories);
  keepInside(root);
  askForMissing(ask);
}

module.exports = { watch: watch };
