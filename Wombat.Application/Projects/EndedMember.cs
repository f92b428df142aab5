using Wombat.Domain.Members;

namespace Wombat.Application.Projects;

public sealed record EndedMember(Guid UserId, string Login, ProjectRole Role);
