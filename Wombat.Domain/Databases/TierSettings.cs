using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Wombat.Domain.Databases;

/// <summary>
/// The PostgreSQL settings that a tier may set. None of them gives access to the host or weakens the isolation of tenants.
/// </summary>
public static partial class TierSettings
{
    public const int ValueMax = 64;

    public static readonly FrozenSet<string> Allowed = FrozenSet.ToFrozenSet(
        [
            "autovacuum_naptime",
            "autovacuum_vacuum_scale_factor",
            "checkpoint_timeout",
            "deadlock_timeout",
            "default_statistics_target",
            "effective_cache_size",
            "effective_io_concurrency",
            "idle_in_transaction_session_timeout",
            "idle_session_timeout",
            "jit",
            "lock_timeout",
            "log_lock_waits",
            "log_min_duration_statement",
            "maintenance_work_mem",
            "max_parallel_workers_per_gather",
            "random_page_cost",
            "statement_timeout",
            "synchronous_commit",
            "temp_file_limit",
            "timezone",
            "work_mem",
        ],
        StringComparer.Ordinal
    );

    public static bool IsValue(string? value) => value is not null && value.Length <= ValueMax && ValueRegex().IsMatch(value);

    [GeneratedRegex(@"^[A-Za-z0-9_./+-]+\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ValueRegex();
}
