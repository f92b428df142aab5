using System.Text.RegularExpressions;
using Wombat.Domain.Databases;

namespace Wombat.Domain.Tiers;

/// <summary>The platform team's named promise for databases: sizes, guarantees, backups, what a deletion keeps.</summary>
public sealed partial class Tier
{
    public const int NameMax = 40;
    public const int DescriptionMax = 500;
    public const string NamePattern = NameForm + "$";
    private const string NameForm = "^[a-z][a-z0-9-]{0,39}";

    private Tier() { }

    /// <summary>Unique; the key of the tier.</summary>
    public string Name { get; private set; } = "";

    public string Description { get; private set; } = "";

    /// <summary>The plugin instance that provides its databases; null for the default one.</summary>
    public string? Plugin { get; private set; }

    public TierSpec Spec { get; private set; } = new();

    public DateTimeOffset CreatedAt { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Counts the changes.</summary>
    public int Version { get; private set; }

    public static Tier Create(string name, DateTimeOffset now) => new() { Name = name, CreatedAt = now };

    public void Change(string description, string? plugin, TierSpec spec, DateTimeOffset now)
    {
        (Description, Plugin, Spec, UpdatedAt) = (description, plugin, spec, now);
        Version++;
    }

    [GeneratedRegex(NameForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex NameRegex();
}
