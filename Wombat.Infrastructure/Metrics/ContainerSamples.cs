using Npgsql;
using Wombat.Application.Containers;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Metrics;

/// <summary>Reads the samples that <see cref="ContainerSampler"/> writes.</summary>
internal sealed class ContainerSamples(NpgsqlDataSource database) : IContainerSamples
{
    public async Task<IReadOnlyList<ContainerSampleDto>> ReadAsync(Guid container, DateTimeOffset since, CancellationToken cancel) =>
        // Rates need the sample before, of the same start. After the clock was set back, a later sample has smaller counters.
        await database.QueryAsync(
            $"""
            select at, memory, disk, processes, cpu, received, sent
            from (
                select at, memory, disk, processes,
                    (cpu_ms - lag(cpu_ms) over w) / 1000.0::float8 / lasted as cpu,
                    (received - lag(received) over w)::float8 / lasted as received,
                    (sent - lag(sent) over w)::float8 / lasted as sent
                from (
                    select *, case
                        when started = lag(started) over o
                            and coalesce(cpu_ms >= lag(cpu_ms) over o, true)
                            and coalesce(received >= lag(received) over o, true)
                            and coalesce(sent >= lag(sent) over o, true)
                        then extract(epoch from at - lag(at) over o)::float8 end as lasted
                    from container_samples where container_id = {container}
                    window o as (order by at)) measured
                window w as (order by at)) rated
            where at >= {since}
            order by at
            """,
            r => new ContainerSampleDto(
                r.GetFieldValue<DateTimeOffset>(0),
                r.ValueOrDefault<double?>(4),
                r.ValueOrDefault<long?>(1),
                r.ValueOrDefault<long?>(2),
                r.ValueOrDefault<double?>(5),
                r.ValueOrDefault<double?>(6),
                r.ValueOrDefault<long?>(3)
            ),
            cancel
        );
}
