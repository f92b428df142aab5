namespace Wombat.Application.Projects;

public sealed record EndedToken(Guid Id, string Name);
