namespace Wombat.Application.Jobs;

/// <summary>A message about one job. Its permission is checked in the job's project.</summary>
public interface IJobScoped
{
    Guid JobId { get; }
}
