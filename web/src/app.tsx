import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from './api/api-error.ts';
import { createAppRouter } from './routes.tsx';
import type { SessionStore } from './session/session.ts';
import { SignIn } from './session/sign-in.tsx';
import { useSession, useSessionStore } from './session/use-session.ts';

const RETRIES_MAX = 2;
const FRESH_MS = 30_000;
const REFETCH_MS = 60_000;

/** Sign-in, or the product. The key is also React's key: another one starts with an empty cache. */
export function App() {
  const { key } = useSession();
  return key === null ? <SignIn /> : <SignedIn key={key} />;
}

function SignedIn() {
  const session = useSessionStore();
  const [queries] = useState(() => createQueryClient(session));
  const [router] = useState(createAppRouter);
  return (
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}

function createQueryClient(session: SessionStore): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof ApiError && error.keyRefused) session.signOut(error.message);
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        refetchInterval: REFETCH_MS,
        retry: (failures, error) => failures < RETRIES_MAX && error instanceof ApiError && error.retryable,
      },
    },
  });
}
