-- Disconnects that the provider was not told of are due in line with refreshes.
DROP INDEX inv_connection_refresh;
CREATE INDEX inv_connection_due ON inv_connection (refresh_at, id)
    WHERE status IN ('valid', 'disconnecting') AND refresh_at IS NOT NULL;
