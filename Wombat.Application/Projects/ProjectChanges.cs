using Wombat.Application.Common;
using Wombat.Domain.Projects;

namespace Wombat.Application.Projects;

/// <summary>New values for fields of a project: a field that is absent keeps its value, null sets the default.</summary>
public sealed record ProjectChanges(
    Optional<string> Name,
    Optional<string> Description,
    Optional<bool?> Active,
    Optional<Visibility?> Visibility,
    Optional<string[]> Tags,
    Optional<int?> JobRetentionDays,
    Optional<int?> JobLogsMaxMib
)
{
    internal ProjectDetails ApplyTo(ProjectDetails current) =>
        new(
            Description.Or(current.Description, ProjectDetails.Default.Description),
            Active.Or(current.Active, ProjectDetails.Default.Active)!.Value,
            Visibility.Or(current.Visibility, ProjectDetails.Default.Visibility)!.Value,
            Tags.IsPresent ? Tags.Value ?? ProjectDetails.Default.Tags : current.Tags,
            JobRetentionDays.Or(current.JobRetentionDays, null),
            JobLogsMaxMib.Or(current.JobLogsMaxMib, null)
        );
}
