-- The tier of a new installation restores its backups on trial once a week, unless the platform team has changed it.
update tiers set spec = spec || '{"drill_schedule": "0 5 * * 0"}' where name = 'standard' and version = 1;
