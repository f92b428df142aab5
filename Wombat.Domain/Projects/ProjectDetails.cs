namespace Wombat.Domain.Projects;

/// <summary>The fields of a project that can be changed.</summary>
/// <param name="JobRetentionDays">The days for which its ended jobs are kept with their logs; null for as long as all others.</param>
/// <param name="JobLogsMaxMib">
/// The MiB of stored logs of ended jobs above which those that ended first are deleted; null for no limit.
/// </param>
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
