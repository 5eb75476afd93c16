// What is kept on this phone, in IndexedDB: the queue, the last known state of objects, versions
// that were not chosen, and small facts. Everything carries the key of its user.
//
// ops    seq, key, user, object, ...   what waits to be sent, in order
// known  id "user|object"              the server's last word on an object
// aside  key, user                     my version, where the other one was chosen
// facts  id "user|name"

const NAME = "portal-offline";
const STORES = {
  ops: { keyPath: "seq", autoIncrement: true },
  known: { keyPath: "id" },
  aside: { keyPath: "key" },
  facts: { keyPath: "id" },
};

let opening = null;

function open() {
  opening ||= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(STORES)) request.result.createObjectStore(name, options);
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
  return opening;
}

const answerOf = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

// Runs work(stores) in one transaction and returns when it is on the disk, flat battery or not.
export async function write(names, work) {
  const database = await open();
  const transaction = database.transaction(names, "readwrite", { durability: "strict" });
  const done = new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
  const stores = Object.fromEntries(
    names.map((name) => {
      const store = transaction.objectStore(name);
      return [
        name,
        {
          all: () => answerOf(store.getAll()),
          get: (key) => answerOf(store.get(key)),
          put: (value) => answerOf(store.put(value)),
          remove: (key) => answerOf(store.delete(key)),
        },
      ];
    }),
  );
  const result = await work(stores);
  await done;
  return result;
}

export async function all(name) {
  const database = await open();
  return answerOf(database.transaction(name).objectStore(name).getAll());
}

export async function get(name, key) {
  const database = await open();
  return answerOf(database.transaction(name).objectStore(name).get(key));
}

export const put = (name, value) => write([name], (stores) => stores[name].put(value));

// Everything of this user goes from this phone.
export const forget = (user) =>
  write(Object.keys(STORES), async (stores) => {
    for (const [name, { keyPath }] of Object.entries(STORES)) {
      for (const row of await stores[name].all()) {
        if (row.user === user) await stores[name].remove(row[keyPath]);
      }
    }
  });
