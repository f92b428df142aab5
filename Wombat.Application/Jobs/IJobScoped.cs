namespace Wombat.Application.Jobs;

/// <summary>A message about one job: its permission is looked for in the job's project.</summary>
public interface IJobScoped
{
    Guid JobId { get; }
}
