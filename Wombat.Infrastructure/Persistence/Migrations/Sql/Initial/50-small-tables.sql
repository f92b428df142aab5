create table if not exists hosts (
    id uuid not null constraint pk_hosts primary key,
    name varchar(255) not null,
    last_seen_at timestamptz not null
);

-- Refused requests that were counted and not written to the audit.
create table if not exists refusal_counts (
    minute timestamptz not null,
    source varchar(255) not null,
    status integer not null,
    refusals bigint not null,
    constraint pk_refusal_counts primary key (minute, source, status)
);

create table if not exists sign_in_failures (
    subject bytea not null constraint pk_sign_in_failures primary key,
    failures integer not null,
    wait_until timestamptz not null,
    last_at timestamptz not null
);

-- Hashes of the addresses and devices from which accounts have signed in.
create table if not exists sign_in_origins (
    subject bytea not null constraint pk_sign_in_origins primary key,
    last_at timestamptz not null
);

create table if not exists data_protection_keys (
    name varchar(255) not null constraint pk_data_protection_keys primary key,
    xml bytea not null
);
