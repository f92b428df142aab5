using Npgsql;
using Wombat.Application.Containers;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Metrics;

/// <summary>Reads the samples that <see cref="ContainerSampler"/> writes.</summary>
internal sealed class ContainerSamples(NpgsqlDataSource database) : IContainerSamples
{
    public async Task<IReadOnlyList<ContainerSampleDto>> ReadAsync(Guid container, DateTimeOffset since, CancellationToken cancel) =>
        // A counter that has fallen belongs to a later start; the sample has no rates then.
        await database.QueryAsync(
            $"""
            select at, memory, disk, processes,
                case when cpu_ms >= lag(cpu_ms) over w then (cpu_ms - lag(cpu_ms) over w) / 1000.0 / seconds end::float8,
                case when received >= lag(received) over w then (received - lag(received) over w) / seconds end::float8,
                case when sent >= lag(sent) over w then (sent - lag(sent) over w) / seconds end::float8
            from (select *, extract(epoch from at - lag(at) over (order by at)) as seconds
                from container_samples where container_id = {container} and at >= {since}) s
            window w as (order by at)
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
