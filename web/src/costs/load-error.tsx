import { Button } from '@mantine/core';
import { ApiError } from '../api/api-error.ts';
import { Message } from '../components/message.tsx';
import { useSessionStore } from '../session/use-session.ts';

const FORBIDDEN = 403;

/** Why costs are not shown, in the server's words, with the way on that fits. */
export function LoadError({ error, retry }: { error: Error; retry: () => void }) {
  const session = useSessionStore();
  if (error instanceof ApiError && error.status === FORBIDDEN) {
    return (
      <Message urgent title="This key may not read costs">
        <p>{error.message}</p>
        <Button variant="default" mt={8} onClick={() => session.signOut()}>
          Use another key
        </Button>
      </Message>
    );
  }
  return (
    <Message urgent title="Costs could not be loaded">
      <p>{error.message}</p>
      <Button variant="default" mt={8} onClick={retry}>
        Try again
      </Button>
    </Message>
  );
}
