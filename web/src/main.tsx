import './mantine.css';
import './theme.css';
import 'uplot/dist/uPlot.min.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { tabStorage, takeKeyFromAddress } from './session/browser-session.ts';
import { createSession } from './session/session.ts';
import { SessionContext } from './session/use-session.ts';
import { cssVariablesResolver, theme } from './theme.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const session = createSession(tabStorage());
takeKeyFromAddress(session);

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <SessionContext value={session}>
        <App />
      </SessionContext>
    </MantineProvider>
  </StrictMode>,
);
