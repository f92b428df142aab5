using Wombat.Domain.Databases;

namespace Wombat.Infrastructure.Tests.Plugins.LocalPostgres;

/// <summary>The contract on real servers, as they are configured by default: with databases that are prepared ahead.</summary>
[Category("Slow")]
public sealed class LocalPostgresContractTests : DatabaseProviderContractTests
{
    private LocalPostgresBed bed = null!;

    protected override Task<IDatabaseProvider> StartAsync()
    {
        bed = new LocalPostgresBed(o => o with { Prepared = 1 });
        return Task.FromResult<IDatabaseProvider>(bed.Plugin);
    }

    protected override Task EndAsync() => bed.DisposeAsync().AsTask();
}
