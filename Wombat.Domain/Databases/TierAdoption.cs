using System.Globalization;
using Wombat.Domain.Plugins;

namespace Wombat.Domain.Databases;

/// <summary>Which observed differences a <see cref="TierSpec"/> can take over, and how.</summary>
public static class TierAdoption
{
    /// <summary>The prefix of the fields that are PostgreSQL settings.</summary>
    public const string SettingPrefix = "settings.";

    /// <summary>Whether the spec can hold the actual value.</summary>
    public static bool CanAdopt(this TierSpec spec, ResourceDifference difference) => spec.TryAdopt(difference) is not null;

    /// <summary>The spec with the actual value of the difference; null when the spec cannot hold it.</summary>
    public static TierSpec? TryAdopt(this TierSpec spec, ResourceDifference difference)
    {
        if (difference.Field.StartsWith(SettingPrefix, StringComparison.Ordinal))
        {
            return TryAdoptSetting(spec, difference.Field[SettingPrefix.Length..], difference.Actual);
        }

        if (!int.TryParse(difference.Actual, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number <= 0)
        {
            return null;
        }

        return difference.Field switch
        {
            "max_connections" when number is >= 5 and <= 10_000 => spec with { MaxConnections = number },
            "instances" when number <= 9 => spec with { Instances = number },
            "pooler_instances" when number <= 9 => spec with { PoolerInstances = number },
            "memory" => spec with { MemoryMib = number },
            "storage" when number >= spec.StorageMib => spec with { StorageMib = number },
            "cpu_millis" => spec with { CpuMillis = number },
            _ => null,
        };
    }

    /// <summary>Whether the spec promises the actual value already.</summary>
    public static bool Holds(this TierSpec spec, ResourceDifference difference) =>
        difference.Field.StartsWith(SettingPrefix, StringComparison.Ordinal)
            ? difference.Actual is not null
                && spec.Settings.GetValueOrDefault(difference.Field[SettingPrefix.Length..]) == difference.Actual
            : spec.TryAdopt(difference) == spec;

    private static TierSpec? TryAdoptSetting(TierSpec spec, string name, string? value)
    {
        // A setting that was removed has a default of the provider, which no spec names.
        if (!TierSettings.Allowed.Contains(name) || !TierSettings.IsValue(value))
        {
            return null;
        }

        return spec with
        {
            Settings = new Dictionary<string, string>(spec.Settings, StringComparer.Ordinal) { [name] = value! },
        };
    }
}
