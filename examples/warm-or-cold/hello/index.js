/* Says hello; tells a warmer's ring from a request. */
exports.handler = async (event) => (event.type === 'warmer' ? 'Nice to be warm!' : `Hello, ${event.name ?? 'world'}!`);
