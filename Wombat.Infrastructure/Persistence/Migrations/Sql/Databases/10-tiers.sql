-- The tiers of a new installation; the platform team changes or deletes them.
insert into tiers (name, description, plugin, spec, created_at, updated_at, version)
values
    (
        'dev',
        'Small databases for development and tests, with a daily backup.',
        null,
        '{"instances": 1, "cpu_millis": 500, "memory_mib": 256, "storage_mib": 1024, "max_connections": 50,
          "backup_schedule": "0 2 * * *", "backup_retention_days": 3, "deletion_policy": "freeze", "grace_days": 7}',
        now(), now(), 1
    ),
    (
        'standard',
        'Databases of services: more memory, a pooler where the provider has one, backups for two weeks.',
        null,
        '{"instances": 1, "cpu_millis": 1000, "memory_mib": 1024, "storage_mib": 10240, "max_connections": 100,
          "pooler_instances": 1, "pool_mode": "session", "backup_schedule": "0 1 * * *", "backup_retention_days": 14,
          "deletion_policy": "freeze", "grace_days": 14}',
        now(), now(), 1
    )
on conflict (name) do nothing;
