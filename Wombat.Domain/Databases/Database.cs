using System.Text.RegularExpressions;
using Wombat.Domain.Plugins;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Domain.Databases;

/// <summary>A PostgreSQL database that a plugin provides as its tier promises.</summary>
public sealed partial class Database : ResourceWithSpec<DatabaseSpec>
{
    public const string KindName = "database";
    public const int NameLengthMin = 3;
    public const string NamePattern = NameForm + "$";
    private const string NameForm = "^[a-z][a-z0-9-]{2,62}";

    private Database() { }

    public static Database Create(Project project, string plugin, string name, DatabaseSpec spec, DateTimeOffset now)
    {
        project.EnsureAcceptsResources();
        var database = new Database { Spec = spec with { Project = project.UnixName } };
        database.Initialize(KindName, project.Id, plugin, name, $"{project.UnixName}-{name}", now);
        return database;
    }

    /// <summary>Changes what people wrote about it.</summary>
    public void Describe(string? purpose, string? owner) => Spec = Spec with { Purpose = purpose, Owner = owner };

    /// <summary>Requests what the tier promises now; a job applies it.</summary>
    public void Resize(string tier, int tierVersion, TierSpec settings, DateTimeOffset now)
    {
        Spec = Spec with { Tier = tier, TierVersion = tierVersion, Settings = settings };
        SetStatus(Status, StatusReason, now);
    }

    protected override ResourceStatus? StatusOf(ObservedState state) =>
        state == ObservedState.Running ? ResourceStatus.Ready : base.StatusOf(state);

    [GeneratedRegex(NameForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex NameRegex();
}
