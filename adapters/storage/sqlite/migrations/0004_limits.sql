-- 0004_limits: limit logs without the index of their expiry.
--
-- A limit's log is written again with each request that it counts, and its expiry moves along: the
-- index cost a create more random pages than anything but the table itself. What has run out is
-- found by walking through the table, a part at a time.
DROP INDEX limit_counters_expires;
