// node bulk_peer_server.cjs FOLDER: express-pouchdb on leveldb; prints its port.
const express = require('express');
const fs = require('fs');
const PouchDB = require('pouchdb');

const folder = process.argv[2];
fs.mkdirSync(folder, { recursive: true });
const app = express();
const databases = PouchDB.defaults({ prefix: `${folder}/`, adapter: 'leveldb' });
app.use('/', require('express-pouchdb')(databases, {
  mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: `${folder}/log.txt` }));
const server = app.listen(0, '127.0.0.1', () => console.log(server.address().port));
