using Wombat.Domain.Databases;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class DatabaseConfiguration() : ResourceKindConfiguration<Database, DatabaseSpec>(Database.KindName);
