namespace Wombat.Application.Jobs;

/// <summary>A message that acts on one job. It also requires the permission that the job kind declares for the action.</summary>
public interface IJobAction : IJobScoped
{
    JobAction Action { get; }
}
