using Wombat.Application.Jobs;

namespace Wombat.Application.Pipeline;

/// <summary>A message about one project: its permission is looked for there.</summary>
public interface IProjectScoped
{
    /// <summary>Null: over all projects, and the handler itself leaves out what the caller may not see.</summary>
    Guid? ProjectId { get; }
}

/// <summary>A message about one job: its permission is looked for in the job's project.</summary>
public interface IJobScoped
{
    Guid JobId { get; }
}

/// <summary>A message that acts on one job: it also needs the permission that the job's kind declares for the action.</summary>
public interface IJobAction : IJobScoped
{
    JobAction Action { get; }
}

/// <summary>A message about one account: its user may send it, and admins.</summary>
public interface IUserScoped
{
    Guid UserId { get; }
}
