namespace Wombat.Application.Jobs;

/// <summary>A message that acts on one job: it also needs the permission that the job's kind declares for the action.</summary>
public interface IJobAction : IJobScoped
{
    JobAction Action { get; }
}
