-- The database derives project_tags from projects.tags, so that the two cannot differ. The primary key (tag, project_id) serves the tag
-- filter in order of creation. Deleted projects have no rows in it.
create or replace function project_tags_follow() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        delete from project_tags where project_id = new.id and (new.deleted_at is not null or tag <> all(new.tags));
    end if;
    if new.deleted_at is null and cardinality(new.tags) > 0 then
        insert into project_tags (tag, project_id) select t, new.id from unnest(new.tags) t on conflict do nothing;
    end if;
    return null;
end $$;

create or replace trigger project_tags_follow_insert after insert on projects
    for each row when (cardinality(new.tags) > 0) execute function project_tags_follow();
create or replace trigger project_tags_follow_update after update of tags, deleted_at on projects
    for each row execute function project_tags_follow();
