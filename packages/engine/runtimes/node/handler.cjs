/*
 * Finds the function's handler: `index.handler`, `src/app.api.get`; CommonJS, ES modules, with or without extension
 * (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html).
 */
'use strict';

var fs = require('fs');
var path = require('path');
var runtimeError = require('./errors.cjs').runtimeError;

/** `import()` where this Node has it. */
function importer() {
  try {
    return require('./import.cjs');
  } catch (_) {
    return undefined;
  }
}

function isModuleFolder(folder) {
  if (/[\\/]node_modules$/.test(folder)) return false;
  var manifest = path.join(folder, 'package.json');
  if (fs.existsSync(manifest)) {
    try {
      return JSON.parse(fs.readFileSync(manifest, 'utf8')).type === 'module';
    } catch (error) {
      console.warn(manifest + ' cannot be read, it will be ignored for ES module detection purposes.', error);
      return false;
    }
  }
  var parent = path.dirname(folder);
  return parent !== folder && isModuleFolder(parent);
}

/** Calls `done(error, exports)` with what the module exports. */
function loadModule(root, name, done) {
  var file = path.resolve(root, name);
  var dynamicImport = importer();
  var has = function (extension) {
    return fs.existsSync(file + extension);
  };
  var load = function (url) {
    dynamicImport(url).then(
      function (exported) {
        done(null, exported);
      },
      function (error) {
        done(error);
      }
    );
  };
  var fileUrl = function (target) {
    return require('url').pathToFileURL(target).href;
  };
  try {
    if (has('')) return done(null, require(file));
    var asModule = dynamicImport && has('.js') && isModuleFolder(path.dirname(file));
    if (has('.js') && !asModule) return done(null, require(file + '.js'));
    if (asModule) return load(fileUrl(file + '.js'));
    if (dynamicImport && has('.mjs')) return load(fileUrl(file + '.mjs'));
    if (has('.cjs')) return done(null, require(file + '.cjs'));
    return done(null, require(resolveLikeNode(root, name)));
  } catch (error) {
    return done(error);
  }
}

function resolveLikeNode(root, name) {
  try {
    return require.resolve(name, { paths: [root, path.dirname(path.resolve(root, name))] });
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    var missing = new Error(
      "Cannot find module '" + path.basename(name) + "'\nRequire stack:\n- /var/runtime/index.mjs"
    );
    missing.code = error.code;
    throw missing;
  }
}

function asRuntimeError(error) {
  if (error instanceof SyntaxError) return runtimeError('UserCodeSyntaxError', error);
  if (error && error.code === 'MODULE_NOT_FOUND') return runtimeError('ImportModuleError', error);
  return error;
}

/** Calls `done(error, handler)`; `root` is the directory of the code, `name` the function's Handler setting. */
function load(root, name, done) {
  if (name.indexOf('..') >= 0) {
    return done(
      runtimeError(
        'MalformedHandlerName',
        "'" +
          name +
          "' is not a valid handler name. Use absolute paths when specifying root directories in handler names."
      )
    );
  }
  var base = path.basename(name);
  var parts = /^([^.]*)\.(.*)$/.exec(base);
  if (!parts) return done(runtimeError('MalformedHandlerName', 'Bad handler'));
  var folder = name.slice(0, name.length - base.length);
  return loadModule(root, folder + parts[1], function (error, exported) {
    if (error) return done(asRuntimeError(error));
    var handler = parts[2].split('.').reduce(function (value, key) {
      return value && value[key];
    }, exported);
    if (!handler) return done(runtimeError('HandlerNotFound', name + ' is undefined or not exported'));
    if (typeof handler !== 'function') return done(runtimeError('HandlerNotFound', name + ' is not a function'));
    return done(null, handler);
  });
}

module.exports = { load: load, importer: importer };
