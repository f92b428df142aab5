namespace Wombat.Domain.Commands;

/// <summary>When a schedule fires, and with what.</summary>
public sealed record ScheduleSpec
{
    public const int CronMax = 200;
    public const int TimeZoneMax = 100;
    public const string TimeZoneDefault = "UTC";

    /// <summary>A cron expression of five fields.</summary>
    public string Cron { get; init; } = "";

    /// <summary>The name of the time zone in the IANA database in which the expression is read.</summary>
    public string TimeZone { get; init; } = TimeZoneDefault;

    public MissedFires Missed { get; init; }

    /// <summary>The given values by the names of the parameters; of a secret the name with null.</summary>
    public IReadOnlyDictionary<string, string?> Parameters { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>The hosts of SSH, for a command with several.</summary>
    public IReadOnlyList<Guid> HostIds { get; init; } = [];

    /// <summary>Whether it requests runs on all hosts that the command has then.</summary>
    public bool AllHosts { get; init; }

    public bool IsPaused { get; init; }

    /// <summary>The version of the command for which it was saved; 0 for any.</summary>
    public int CommandVersion { get; init; }

    /// <summary>Whether it says the same as another one, of which only the pause may differ and the secrets are not known.</summary>
    public bool IsSameBesidesPause(ScheduleSpec other) =>
        (Cron, TimeZone, Missed, AllHosts) == (other.Cron, other.TimeZone, other.Missed, other.AllHosts)
        && HostIds.SequenceEqual(other.HostIds)
        && GivenValues().SetEquals(other.GivenValues());

    private HashSet<(string Name, string Value)> GivenValues() =>
        [.. Parameters.Where(p => p.Value is not null).Select(p => (p.Key, p.Value!))];
}
