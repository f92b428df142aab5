namespace Wombat.Domain.Projects;

/// <summary>The fields of a project that can be changed.</summary>
/// <param name="JobRetentionDays">Ended jobs that are older are deleted with their logs; null keeps them.</param>
/// <param name="JobLogsMaxMib">The oldest ended jobs are deleted while the logs of newer ones take that many MiB; null for no limit.</param>
public sealed record ProjectDetails(
    string Description,
    bool Active,
    Visibility Visibility,
    IReadOnlyCollection<string> Tags,
    int? JobRetentionDays = null,
    int? JobLogsMaxMib = null
)
{
    /// <summary>The details of a project that was created with its names only.</summary>
    public static readonly ProjectDetails Default = new("", Active: true, Visibility.Private, []);
}
