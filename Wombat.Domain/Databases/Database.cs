using System.Text.RegularExpressions;
using Wombat.Domain.Common;
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

    /// <summary>Since when a backup of the tier's schedule is missing; null while none is.</summary>
    public DateTimeOffset? BackupOverdueSince { get; private set; }

    /// <summary>The outcome of the last restore drill; null before the first.</summary>
    public DrillReport? LastDrill { get; private set; }

    public static Database Create(Project project, string plugin, string name, DatabaseSpec spec, DateTimeOffset now)
    {
        project.EnsureAcceptsResources();
        var database = new Database { Spec = spec with { Project = project.UnixName } };
        database.Initialize(KindName, project.Id, plugin, name, $"{project.UnixName}-{name}", now);
        return database;
    }

    /// <summary>Whether something of it is kept after its deletion.</summary>
    public bool KeepsTrash => Spec.Settings is { DeletionPolicy: not DeletionPolicy.HardDelete, GraceDays: > 0 };

    /// <summary>Changes what people wrote about it.</summary>
    public void Describe(string? purpose, string? owner) => Spec = Spec with { Purpose = purpose, Owner = owner };

    /// <summary>Requests what a tier promises; a job applies it.</summary>
    /// <exception cref="ConflictException">Another resize has not ended.</exception>
    public void BeginResize(TierChange change, DateTimeOffset now)
    {
        if (Spec.Resize is { } other)
        {
            throw new ConflictException(ErrorCode.NotOperable, $"A resize of the database to the tier {other.Tier} has not ended.");
        }

        Spec = Spec with { Resize = change };
        SetStatus(Status, StatusReason, now);
    }

    /// <summary>Takes over the actual values of observed differences; a job tells the provider.</summary>
    /// <param name="fields">The fields to take over; null for all.</param>
    /// <exception cref="InvalidInputException">The spec cannot hold an actual value, or a field does not differ.</exception>
    public void Adopt(IReadOnlyList<string>? fields, DateTimeOffset now)
    {
        var settings = Spec.Settings;
        foreach (var field in fields ?? [.. Drift.Select(d => d.Field)])
        {
            var difference =
                Drift.FirstOrDefault(d => d.Field == field)
                ?? throw new InvalidInputException("fields", $"{field} does not differ from what was requested");
            settings =
                settings.TryAdopt(difference) ?? throw new InvalidInputException("fields", $"{field} cannot be adopted; repair it instead");
        }

        Spec = Spec with { Settings = settings };
        SetStatus(Status, StatusReason, now);
    }

    /// <summary>Records the outcome of a restore drill.</summary>
    public void RecordDrill(DrillReport report, DateTimeOffset now)
    {
        LastDrill = report;
        SetStatus(Status, StatusReason, now);
    }

    /// <summary>Records since when a backup of the schedule is missing, or that none is any more.</summary>
    public void MarkBackupOverdue(DateTimeOffset? since, DateTimeOffset now)
    {
        BackupOverdueSince = since;
        SetStatus(Status, StatusReason, now);
    }

    /// <summary>The provider has applied the resize that was under way.</summary>
    public void CompleteResize(DateTimeOffset now)
    {
        if (Spec.Resize is not null)
        {
            Spec = Spec.AfterResize();
            var latest = Spec.Settings.LatestExpiry(now);
            ExpireAt(latest is null || ExpiresAt < latest ? ExpiresAt : latest);
            SetStatus(Status, StatusReason, now);
        }
    }

    /// <summary>The database keeps the tier that it has.</summary>
    public void AbandonResize() => Spec = Spec.Resize is null ? Spec : Spec with { Resize = null };

    protected override void AbandonChanges() => AbandonResize();

    protected override ResourceStatus? StatusOf(ObservedState state) =>
        state == ObservedState.Running ? ResourceStatus.Ready : base.StatusOf(state);

    [GeneratedRegex(NameForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex NameRegex();
}
