namespace Wombat.Infrastructure.Persistence.Migrations;

/// <summary>What the initial migration makes beyond EF Core's model: derived rows, expression indexes, tables that only SQL reads.</summary>
internal static class InitialSql
{
    public const string Up = """
        create extension if not exists pg_trgm;

        -- The search of the project list: a part of either name, in any case.
        create index ix_projects_search on projects using gin (lower(unix_name || ' ' || name) gin_trgm_ops) where deleted_at is null;

        -- project_tags is derived from projects.tags by the database, so that the two cannot disagree: (tag, project_id) is
        -- the tag filter in order of creation. Only living projects have rows there.
        create function project_tags_follow() returns trigger language plpgsql as $$
        begin
            if tg_op = 'UPDATE' then
                delete from project_tags where project_id = new.id and (new.deleted_at is not null or tag <> all(new.tags));
            end if;
            if new.deleted_at is null and cardinality(new.tags) > 0 then
                insert into project_tags (tag, project_id) select t, new.id from unnest(new.tags) t on conflict do nothing;
            end if;
            return null;
        end $$;
        create trigger project_tags_follow_insert after insert on projects for each row when (cardinality(new.tags) > 0) execute function project_tags_follow();
        create trigger project_tags_follow_update after update of tags, deleted_at on projects for each row execute function project_tags_follow();

        -- Claims: of each queue and project, what is due, in its order.
        create index ix_jobs_claim on jobs (queue, coalesce(project_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid), priority, run_at, id) where state in ('queued', 'waiting_retry');
        alter table jobs set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);

        create table job_log_blocks (
            job_id uuid not null,
            last_number bigint not null,
            line_count integer not null,
            lines text not null,
            constraint pk_job_log_blocks primary key (job_id, last_number)
        );

        -- The transaction that wrote an event: by it the sequencer tells what has become visible since it last looked.
        alter table events add column xid xid8 not null default pg_current_xact_id();
        create index ix_events_xid on events (xid);
        create table event_sequencer (
            only_row boolean primary key default true check (only_row),
            position bigint not null,
            next_xid xid8 not null,
            open_xids xid8[] not null
        );
        insert into event_sequencer (position, next_xid, open_xids) values (0, '0', '{}');

        create table access_tokens (
            id uuid constraint pk_access_tokens primary key,
            name varchar(255) not null,
            hash bytea not null constraint ux_access_tokens_hash unique,
            created_at timestamptz not null,
            revoked_at timestamptz
        );
        """;

    public const string Down = """
        drop table access_tokens, event_sequencer, job_log_blocks;
        drop trigger project_tags_follow_update on projects;
        drop trigger project_tags_follow_insert on projects;
        drop function project_tags_follow();
        """;
}
