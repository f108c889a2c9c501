// The page: GraphiQL for one endpoint, with the example queries as tabs on the first visit (later visits
// find the tabs as they were left, in the browser's local storage).
import './workers.js';
import 'graphiql/style.css';
import './main.css';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

const root = document.getElementById('graphiql');

// Without the examples the page is still useful: GraphiQL then opens its own welcome text.
async function examples(url) {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`status ${response.status}`);
    return await response.json();
  } catch (error) {
    console.warn('example queries not loaded:', error);
    return undefined;
  }
}

// Subscriptions go over a WebSocket (graphql-transport-ws) to the same address; it is opened on first use.
function fetcher(endpoint) {
  const url = new URL(endpoint, location.href);
  const socket = new URL(url);
  socket.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return createGraphiQLFetcher({ url: url.href, subscriptionUrl: socket.href, enableIncrementalDelivery: false });
}

// Monaco boxes characters that look like others, such as the comma and colon of Chinese. Here they are what they seem.
async function plainChinese() {
  const { editor } = await import('monaco-graphql/esm/monaco-editor.js');
  editor.onDidCreateEditor((made) => made.updateOptions({ unicodeHighlight: { ambiguousCharacters: false } }));
}

function Brand() {
  return (
    <span className="brand">
      <img src={document.querySelector('link[rel=icon]').href} alt="" />
      Bellwether
    </span>
  );
}

const [defaultTabs] = await Promise.all([examples(root.dataset.examples), plainChinese()]);
createRoot(root).render(
  <GraphiQL fetcher={fetcher(root.dataset.endpoint)} defaultTabs={defaultTabs} defaultEditorToolsVisibility="variables">
    <GraphiQL.Logo>
      <Brand />
    </GraphiQL.Logo>
  </GraphiQL>,
);
