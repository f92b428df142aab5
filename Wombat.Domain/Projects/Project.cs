using System.Text.RegularExpressions;
using Wombat.Domain.Common;

namespace Wombat.Domain.Projects;

/// <summary>The unit of ownership. A deleted project keeps its row, but its <see cref="UnixName"/> can be used again.</summary>
public sealed partial class Project
{
    public const int NameMin = 3;
    public const int NameMax = 255;
    public const int UnixNameMin = 3;
    public const int UnixNameMax = 100;
    public const int DescriptionMax = 10_000;
    public const int TagMax = 100;
    public const int TagsMax = 50;
    public const int JobRetentionDaysMax = 36_500;
    public const int JobLogsMibMax = 1_048_576;
    public const string UnixNamePattern = UnixNameForm + "$";
    public const string TagPattern = TagForm + "$";

    // In .NET $ also matches before a final line break and \z does not; PostgreSQL has only $, which is strict.
    private const string UnixNameForm = "^[a-z][a-z0-9]*(-[a-z0-9]+)*";
    private const string TagForm = "^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?";

    private Project() { }

    public Guid Id { get; private set; }

    public string Name { get; private set; } = "";

    /// <summary>Unique among undeleted projects. Immutable.</summary>
    public string UnixName { get; private set; } = "";

    public string Description { get; private set; } = "";

    public bool Active { get; private set; }

    public Visibility Visibility { get; private set; }

    /// <summary>The tags, sorted and without duplicates.</summary>
    public string[] Tags { get; private set; } = [];

    /// <summary>The days for which its ended jobs are kept with their logs; null for as long as all others.</summary>
    public int? JobRetentionDays { get; private set; }

    /// <summary>The MiB of stored logs of ended jobs above which those that ended first are deleted; null for no limit.</summary>
    public int? JobLogsMaxMib { get; private set; }

    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>The user who created the project and in whose quota it counts; null if it was not created by a user.</summary>
    public Guid? CreatedById { get; private set; }

    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>The start of a cascading delete. Nothing can be created in the project while it is set.</summary>
    public DateTimeOffset? DeletingSince { get; private set; }

    public DateTimeOffset? DeletedAt { get; private set; }

    /// <summary>The number of changes; the ETag in the API.</summary>
    public int Version { get; private set; }

    /// <summary>The fields that may be changed, besides the name.</summary>
    public ProjectDetails GetDetails() => new(Description, Active, Visibility, Tags, JobRetentionDays, JobLogsMaxMib);

    public static Project Create(string name, string unixName, ProjectDetails details, DateTimeOffset now, Guid? createdById = null) =>
        new()
        {
            Id = Uuid7.At(now),
            Name = name,
            UnixName = unixName,
            Description = details.Description,
            Active = details.Active,
            Visibility = details.Visibility,
            Tags = Normalize(details.Tags),
            JobRetentionDays = details.JobRetentionDays,
            JobLogsMaxMib = details.JobLogsMaxMib,
            CreatedAt = now,
            CreatedById = createdById,
            UpdatedAt = now,
            Version = 1,
        };

    public void Update(string name, ProjectDetails details, DateTimeOffset now)
    {
        Name = name;
        Description = details.Description;
        Active = details.Active;
        Visibility = details.Visibility;
        Tags = Normalize(details.Tags);
        JobRetentionDays = details.JobRetentionDays;
        JobLogsMaxMib = details.JobLogsMaxMib;
        Touch(now);
    }

    /// <summary>Checks that objects can be created in the project.</summary>
    /// <exception cref="ConflictException">The project is inactive or being deleted.</exception>
    public void EnsureAcceptsResources()
    {
        if (DeletingSince is not null || DeletedAt is not null)
        {
            throw new ConflictException(ErrorCode.ProjectDeleting, "The project is being deleted.");
        }

        if (!Active)
        {
            throw new ConflictException(ErrorCode.ProjectInactive, "The project is not active. Set active to true first.");
        }
    }

    public void BeginDelete(DateTimeOffset now)
    {
        DeletingSince ??= now;
        Touch(now);
    }

    /// <summary>Resets the deletion after the cascading delete was cancelled or failed.</summary>
    public void AbandonDelete(DateTimeOffset now)
    {
        DeletingSince = null;
        Touch(now);
    }

    public void Delete(DateTimeOffset now)
    {
        DeletedAt = now;
        Touch(now);
    }

    [GeneratedRegex(UnixNameForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex UnixNameRegex();

    [GeneratedRegex(TagForm + @"\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    public static partial Regex TagRegex();

    private static string[] Normalize(IReadOnlyCollection<string> tags) =>
        tags.Count == 0 ? [] : [.. tags.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private void Touch(DateTimeOffset now)
    {
        UpdatedAt = now;
        Version++;
    }
}
