-- For claims: the waiting jobs of each queue and project, in their order.
create index if not exists ix_jobs_claim on jobs
    (queue, coalesce(project_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid), priority, run_at, id)
    where state in ('queued', 'waiting_retry');
alter table jobs set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

create table if not exists job_log_blocks (
    job_id uuid not null,
    last_number bigint not null,
    line_count integer not null,
    started_at timestamptz not null,
    text text not null,
    metadata bytea not null,
    constraint pk_job_log_blocks primary key (job_id, last_number)
);

-- lz4 needs less time than pglz; not every server has it.
do $$ begin
    alter table job_log_blocks alter column text set compression lz4;
exception when feature_not_supported or invalid_parameter_value then null;
end $$;
