using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Wombat.Infrastructure.Background;
using Wombat.Infrastructure.Persistence;

namespace Wombat.Infrastructure.Tests.Background;

internal static class TestLoop
{
    public static BackgroundLoop Create(NpgsqlDataSource database, TimeProvider? clock = null, ILogger<BackgroundLoop>? log = null) =>
        new(
            clock ?? TimeProvider.System,
            new DatabaseAvailability(database, NullLogger<DatabaseAvailability>.Instance),
            log ?? NullLogger<BackgroundLoop>.Instance
        );
}
