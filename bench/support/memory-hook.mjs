/** Loaded into a service that is measured: collects garbage and tells the memory in use whenever it is asked. */
process.on('message', (message) => {
  if (message !== 'memory?') return;
  // What a first collection frees may free more: a finaliser, or what a weak reference held.
  for (let n = 0; n < 3; n += 1) globalThis.gc();
  process.send(process.memoryUsage());
});
// The service ends as if nobody listened.
process.channel.unref();
